"""The science: data, networks, training, the quasi-eigenbasis and what it is good for. Never imports Qt.

The paper's pipeline on trained networks: latent vectors averaged by label to η and made orthogonal to ξ, amplitudes of
test images, the label of the largest, truncations, and an operator that turns a 0 into a 1. NumPy arrays go in, NumPy
arrays come out:

>>> import numpy as np
>>> from lsd_studio.engine.bundle import open_bundle
>>> from lsd_studio.engine.datasets import load_data_set, scale_pixels
>>> from lsd_studio.engine.decomposition.decomposition import hits, truncate
>>> from lsd_studio.engine.basis.latent_sets import build_basis
>>> from lsd_studio.engine.operators.planes import renormalise, rotate
>>> from lsd_studio.engine.runs.profiles import BasisSettings
>>> networks = open_bundle("mnist-studio").networks  # G, E and C
>>> training, test = (load_data_set("mnist", split).take(range(200)) for split in ("train", "test"))
>>> settings = BasisSettings(vectors=10, set_one="symmetric")  # V; the paper's is 5000
>>> basis = build_basis(networks, training, settings, seed=0)  # η and ξ, each [100, 100]
>>> mean, log_sigma = networks.encode(scale_pixels(test.images))
>>> codes = networks.sample(mean, log_sigma, np.random.default_rng(0))
>>> amplitudes = basis.transform(codes)  # c_k = ⟨ξ_k|z⟩ / M, Eq. 9
>>> bool(hits(amplitudes, test.labels, basis.number_of_labels)["signed"].mean() > 0.9)
True
>>> networks.decode(truncate(basis, amplitudes[:3], [4])[0]).shape  # the four largest terms of each
(3, 1, 28, 28)
>>> zeros = codes[test.labels == 0]
>>> turned = renormalise(rotate(basis.xi_[0], basis.xi_[1], np.pi / 2, zeros))  # R21: from label 0 to label 1
>>> bool((networks.classify(networks.decode(turned)).argmax(axis=1) == 1).mean() > 0.5)
True

A basis and its operators know of no network, and importing them does not import PyTorch. Any codes that fall into
labels will do, here of 3 labels in 6 dimensions, so 2 sets:

>>> from lsd_studio.engine.operators.algebra import power
>>> from lsd_studio.engine.operators.fitted import fit_operator
>>> from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
>>> random = np.random.default_rng(0)
>>> means = random.standard_normal((6, 6)) + 2 * np.eye(6)  # averages by set and label, set outer
>>> own = QuasiEigenbasis.from_averages(means, 3, set_one="symmetric")
>>> codes = random.standard_normal((100, 6))
>>> bool(np.allclose(own.inverse_transform(own.transform(codes)), codes))
True
>>> turned = rotate(own.xi_[0], own.xi_[1], np.pi / 2, codes)
>>> fit = fit_operator(codes, turned, "orthogonal")  # found again from the pairs alone
>>> half = power(fit.matrix, 0.5).matrix
>>> bool(np.allclose(codes @ half.T, rotate(own.xi_[0], own.xi_[1], np.pi / 4, codes)))
True
"""
