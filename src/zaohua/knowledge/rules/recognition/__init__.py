"""Numbers, amounts, days, yes and no as people write them in Chinese and English."""
