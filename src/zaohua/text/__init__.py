"""What Chinese and English text needs everywhere: segmentation, normalisation, language."""
