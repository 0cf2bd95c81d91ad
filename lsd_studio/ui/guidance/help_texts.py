"""What the help says: for each workspace what it is for, what can be done, and its keys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Help:
    """Help on a place of the window.

    Args:
        title: what it is on.
        what: what the place is for, in a sentence or two.
        ways: what can be done there, a sentence each.
        keys: keys and what they do.
    """

    title: str
    what: str
    ways: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


EVERYWHERE = (
    ("Ctrl+Shift+P", "command palette: everything by its name"),
    ("Ctrl+1 … ", "the workspaces, in the order of the rail"),
    ("Ctrl+0", "the start page"),
    ("F6", "to the next part of the window: header, rail, workspace, footer"),
    ("Ctrl+Z, Ctrl+Shift+Z", "undo and redo in the workspace in front"),
    ("F1", "this help; point at anything to read what it is"),
)

PLOTS = (
    "Ctrl and the wheel",
    "over a plot: zoom; a drag moves it. The wheel alone scrolls the page, and zooms where there is nothing to scroll",
)

WORDS = (
    ("z", "a code: M numbers from which the generator G makes a picture"),
    ("η(α, i)", "the average of many codes that the classifier C reads as label α, set i"),
    ("ξ(α, i)", "the η made orthogonal: the quasi-eigenvectors, each of squared norm M"),
    ("c = ⟨ξ | z⟩ / M", "an amplitude: how much of ξ there is in the code z"),
    ("bundle", "the trained networks with their ξ; everything shown is computed from the bundle in use"),
)

_HELP = (
    Help(
        "Start",
        "Four ways to begin. Whoever worked here before finds the window as it was left; this page is in the rail.",
        (
            "Draw on the canvas: when you lift the pen, the drawing is decomposed.",
            "Open a bundle that ships, or one of yours, or a finished run.",
            "Train your own on MNIST, on other sets that are on this machine, or on a folder or file of your images.",
            "Take the tour: six stops in the real window.",
        ),
    ),
    Help(
        "Train",
        "Train a classifier, a generator and an encoder, and build the basis from them. The result is a bundle.",
        (
            "“New run” takes data, a profile and settings; “Estimate” measures a few batches here and says how long "
            "all would take.",
            "Pause, resume, do one batch, or stop: stopping keeps a checkpoint, from which the run resumes later.",
            "“Branch” trains again from a run's checkpoints with other settings; Ctrl-click lays curves over others.",
            "“Use as bundle” opens a finished run in every other workspace.",
            "Runs that the command line trains are listed too, while they are being written.",
        ),
        (PLOTS,),
    ),
    Help(
        "Basis",
        "The averages η and the quasi-eigenvectors ξ of the bundle: decoded, measured, audited, or built anew.",
        (
            "Click a vector: it is marked in every workspace, and its picture is in the header.",
            "“Inner products” shows ⟨η|η⟩ and ⟨ξ|ξ⟩, “Samples” what each label looks like and its densities.",
            "“Audit” says which vectors carry labels and which are sampling noise.",
            "“Compare” lays the orthogonalisations of the same η side by side.",
            "Below, build another basis with another V, seed or orthogonalisation; use it, or save it as a bundle.",
        ),
        (("arrow keys", "go from vector to vector in the grid"), PLOTS),
    ),
    Help(
        "Decompose",
        "One image, taken apart: its code, its amplitudes by rank, and what is left of it with few of them.",
        (
            "Draw with the mouse or a pen, pick a test image, open, drop or paste an image file.",
            "Move the slider to keep fewer terms; the pictures at n = 1, 2, 3, 4, 10 and M are those of Figure 7.",
            "“Absolute |c|” reads labels as the paper does; “Signed c” takes the largest of set 1, since a negative "
            "amplitude says that a label is absent.",
            "“Refine” lowers the reconstruction error by gradient steps on the code; the label is kept.",
            "“?” stands in place of a label where the image is unlike the training images: beside it, how unlike.",
        ),
        (
            ("P, E", "pen, eraser; the right button erases too"),
            ("Del", "clear the canvas"),
            ("← →", "in the ranking, from vector to vector"),
        ),
    ),
    Help(
        "Evaluate",
        "LSD as a classifier, over all test images: Figures 5 and 6 with the noise floor, confusions, hardest images.",
        (
            "A first look comes at once; “Measure” draws trials of the images chosen, and saves the results.",
            "Click an image to decompose it, or a cell of the confusion matrix to see its images.",
            "“Table” shows the paper's numbers beside ours.",
            "“Generator” says how good random samples are, beside real images and worse ones, and whether they copy.",
            "“Test images” evaluates on images of your own: a folder with one subfolder per label, or a file.",
        ),
        (("← →, Enter", "in the batch: from image to image; decompose it"),),
    ),
    Help(
        "Denoise",
        "Noise is added, and every method's picture of what was below it stands beside the original.",
        (
            "Set the noise level and its kind, or draw new noise. The numbers below each picture are measured on it.",
            "“By the noise floor” keeps the amplitudes that stand above what the posterior's own noise explains.",
            "“Random basis” is the control of “In ξ”: what it does as well is not due to ξ. Descent uses no basis.",
            "Drop a noisy image of your own: no noise is added, and its own is estimated, or chosen by you. It is not "
            "centred: crop it so that the digit is in the middle, with a margin.",
            "“Curves over many images” measures every method over noise level on 100 test images.",
            "“Train denoisers” trains an encoder that sees noise, and an autoencoder, for the bundle in use.",
        ),
        (("R", "another draw of the noise"),),
    ),
    Help(
        "Operate",
        "Turn codes from label to label along a path: the paper's transport (Eq. 11) beside the true rotation.",
        (
            "Drag the handle along the ring. Drag a label from the shelf onto the path to go through it.",
            "The slider between Transport and Rotation sets how much of the rest of the code is kept, in all views.",
            "“ξ” goes through the quasi-eigenvectors, “η” through the averages, where images of the label lie.",
            "“≠” marks a station at which the classifier reads another label.",
            "“Operators” compares ten operators from label to label on test images: who arrives, with which style.",
            "“Fitted operators” fits an operator to pairs of images and applies it to others.",
        ),
        (
            ("arrow keys", "move the handle by Δθ; with Shift a tenth, with Ctrl to the next label"),
            ("Home, End", "to the path's first and last label"),
            ("Space", "play and hold"),
            ("L", "close the path to a loop"),
            ("Ctrl+K", "take a snapshot"),
        ),
    ),
    Help(
        "Latent space",
        "Where the codes of a data set lie: densities, radii, principal directions, pairs, t-SNE, and random points.",
        (
            "Choose a coder (an autoencoder that ships, the bundle in use, one in a folder) and the images it encodes.",
            "The twin is a cloud of random codes with the same mean, covariance and count, of all or of each label: "
            "what it shows too needs nothing else to explain it. “Test what is in sight” measures the difference.",
            "“Box” and “Lasso” select codes for group A or B on planes, pairs and t-SNE; “Save” writes them as a "
            "table, as a column beside all codes, or as pictures.",
            "“Find codes” shows those that match a condition on columns, such as age > 40, or that hold a text, and "
            "makes them a group.",
            "A second space on Planes shows the same rows in another array of the file, another model or t-SNE.",
            "“Compare” tests whether A and B differ beyond what they were drawn by, and moves a code from A to B.",
            "“Compare islands” lays Gaussian twins out by t-SNE too: islands that stay dashed are no evidence.",
            "“Samplers” draws random points in several ways, decodes them, and measures how many decode well.",
            "“Paths” goes from code to code, or along chosen axes.",
            "File ▸ Open codes… takes codes of any model, from a file of arrays or a table; Basis, Evaluate and "
            "Operate work with them too where a column tells them apart.",
            "“The posts” are three blog posts on the latent space of autoencoders, whose pictures are drawn anew here.",
        ),
        (
            ("arrow keys, +, −, Home", "in a cloud of codes: move, zoom, see all"),
            (
                "Enter, Esc",
                "in a cloud of codes: select what is visible, with Shift or Ctrl to add or remove; select nothing",
            ),
            ("arrow keys", "on A or B below a path: move that end; with Shift a tenth"),
            PLOTS,
        ),
    ),
)

_GENERAL = Help(
    "LSD Studio",
    "Images are taken apart over labelled vectors of a generative model's latent space.",
    ("What to do next is written at the right of the footer.",),
)


def help_on(place: str) -> Help:
    """The help on a place by its name in the rail; help on the window as a whole where there is none of its own."""
    return next((each for each in _HELP if each.title == place), _GENERAL)
