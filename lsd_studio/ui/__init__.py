"""The window. It computes nothing: it asks the engine through the door and draws what comes back."""
