"""Groups of codes that are drawn in the planes: their bar, their card, and what is done with them."""
