"""From sources to a prepared data set: read, clean, de-duplicate, mix, split, report."""
