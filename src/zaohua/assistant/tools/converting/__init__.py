"""Units of measurement in Chinese and English, converted exactly."""
