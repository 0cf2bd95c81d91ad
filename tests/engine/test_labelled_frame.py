import numpy as np

from lsd_studio.engine.basis.labelled_frame import labelled_frame
from lsd_studio.engine.basis.progress import LabelledFrameProgress
from tests.engine.small_networks import LABELS, LATENT_DIMENSIONS, small_networks

OTHERS = LATENT_DIMENSIONS - LABELS


def random_set_one(count: int) -> np.ndarray:
    vectors = np.random.default_rng(9).standard_normal((LATENT_DIMENSIONS, count))
    return np.linalg.qr(vectors)[0].T * np.sqrt(LATENT_DIMENSIONS)


def chosen(set_one: np.ndarray, seed: int) -> tuple[list[LabelledFrameProgress], np.ndarray]:
    ascent = labelled_frame(small_networks(), set_one, seed, enough=lambda: False)
    steps = []
    while True:
        try:
            steps.append(next(ascent))
        except StopIteration as finished:
            return steps, finished.value


def test_every_vector_is_read_as_its_label_and_all_are_orthogonal() -> None:
    networks, set_one = small_networks(), random_set_one(LABELS)

    steps, vectors = chosen(set_one, seed=0)

    read = networks.classify(networks.decode(vectors)).argmax(axis=1)
    together = np.concatenate([set_one, vectors]) / np.sqrt(LATENT_DIMENSIONS)
    np.testing.assert_array_equal(read, np.arange(OTHERS) % LABELS)
    np.testing.assert_allclose(together @ together.T, np.eye(LATENT_DIMENSIONS), atol=1e-12)
    assert steps[0].held < steps[-1].held == steps[-1].vectors == OTHERS
    assert steps[0].least_probability < steps[-1].least_probability


def test_no_vector_is_left_when_set_one_spans_the_latent_space() -> None:
    steps, vectors = chosen(random_set_one(LATENT_DIMENSIONS), seed=0)

    assert steps == []
    assert vectors.shape == (0, LATENT_DIMENSIONS)
