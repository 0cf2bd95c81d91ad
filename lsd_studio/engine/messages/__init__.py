"""What goes through the door: requests in, events out; one module for each thing that is asked about.

All are frozen dataclasses that hold NumPy arrays, text and numbers only, so either side can keep them, send them
between threads and print them. Arrays in them are never written to after they are sent.

Shapes: C channels, H × W pixels, M latent dimensions, l labels, N images. A *picture* is uint8 [H, W, C], 0…255, made
for looking at; *pixels* are what the networks take.
"""
