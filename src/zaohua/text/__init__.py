"""What Chinese and English text needs everywhere: segmentation, structure, language."""
