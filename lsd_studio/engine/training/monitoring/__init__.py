"""What is detected, recorded and broadcast of a training."""
