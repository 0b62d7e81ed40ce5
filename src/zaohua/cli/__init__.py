"""The verbs a person types. Thin shells over one public function each; no logic lives here."""
