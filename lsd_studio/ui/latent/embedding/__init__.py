"""The t-SNE page: the layout, its course, and the islands in it."""
