"""What leaves LSD Studio and what comes in: bundles as one file, networks as ONNX, vectors as tables.

`archives` shares whole bundles. `onnx_export` writes G, E and C for other programs; `onnx_files` and `onnx_networks`
take in those of others as data, and `adoption` makes a bundle of them. `vectors` writes η, ξ and amplitudes.
"""
