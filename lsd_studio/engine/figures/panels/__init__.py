"""What the engine finds, laid out as panels of a figure: the same in the window's exports and in the paper's figures.

Words and arrangement alone, so that the window may use it; nothing is computed but per cent of a share.
"""
