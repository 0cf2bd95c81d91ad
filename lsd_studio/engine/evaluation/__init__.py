"""What a bundle is worth on test images."""
