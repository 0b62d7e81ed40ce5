"""Classical Chinese poems as training data: the corpus, forms, rhymes, layouts, instructions."""
