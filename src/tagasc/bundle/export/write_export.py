"""The command `tagasc export`: a trained system as one ONNX file that ONNX Runtime runs alone."""

from pathlib import Path

from tagasc.bundle.export.check import ACCEPTED, Differences, check_model
from tagasc.bundle.export.graph import ExportedSystem
from tagasc.bundle.export.model import MODEL, check_packages, write_model
from tagasc.bundle.export.usage import readme
from tagasc.bundle.system import System
from tagasc.runtime.new_folder import check_new, new_folder

README = "README.md"


def write_export(system: System, output: Path) -> list[str]:
    """Write a system into a folder as an ONNX file with a README, and return what to print about it.

    Before the folder gets its name, the file is run and compared with PyTorch.

    Parameters
    ----------
    system
        The system, on the CPU.
    output
        The folder to write.

    Raises
    ------
    InputError
        If ``output`` is there and not empty, if a package is missing, or if the file computes something else than
        PyTorch.
    """
    check_packages()
    check_new(output)
    graph = ExportedSystem(system)
    with new_folder(output) as partial:
        write_model(partial / MODEL, system, graph)
        (partial / README).write_text(readme(system, graph), encoding="utf-8")
        found = check_model(partial / MODEL, system, graph)
    sizes = [f"{path}: {path.stat().st_size / 1e6:,.1f} MB" for path in sorted(output.glob(f"{MODEL}*"))]
    return [*sizes, *_describe(found)]


def _describe(found: Differences) -> list[str]:
    """Return one line per output about its differences."""
    lines = ["Largest differences from PyTorch, and from tagasc predict, which rounds audio and codes to 16 bits:"]
    for name, accepted in ACCEPTED.items():
        if name in found.from_torch:
            predict = f"; {found.from_system[name]:.1e}" if name in found.from_system else ""
            lines.append(f"  {name:<12}  {found.from_torch[name]:.1e} (accepted: {accepted:.0e}){predict}")
    return lines
