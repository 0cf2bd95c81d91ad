"""What `lsd-studio evaluate` measures besides accuracy: turned images, and the generator."""
