"""What commands do with a file of codes in place of a bundle."""
