"""The suite ``poems``: whether a model writes the poem it was asked for."""
