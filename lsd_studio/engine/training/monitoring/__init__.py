"""What is watched, recorded and broadcast of a training."""
