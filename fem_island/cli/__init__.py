"""The command line: ``fem-island solve``, ``sweep`` and the others listed below.

Exit status: 0 done, 1 a computation failed or its numbers could not be printed, 2 the input is
wrong, 3 done, but the tolerance was not met somewhere; the last line on standard error then counts.
What computes is imported inside the commands, after the input was validated, so that help and error
messages come at once.
"""

from __future__ import annotations

import gc
import signal
import sys
from typing import Any, NoReturn

from cyclopts import (
    App,
    CycloptsError,
    MissingArgumentError,
    Parameter,
    UnusedCliTokensError,
)

from fem_island.cli.case_files import init, schema
from fem_island.cli.circuit import circuit
from fem_island.cli.cite import cite
from fem_island.cli.compare import compare
from fem_island.cli.contact_map import map_info, shapes
from fem_island.cli.design import design
from fem_island.cli.evaluate import evaluate
from fem_island.cli.explore import explore
from fem_island.cli.film_map import film_map
from fem_island.cli.fit import fit
from fem_island.cli.impedance import impedance
from fem_island.cli.onset import onset
from fem_island.cli.process import (
    DONE,
    WRONG_INPUT,
    interrupted,
    keep_interruptions,
    let_first_rank_speak,
    printed,
    say,
    silence_matplotlib,
    unexpected,
)
from fem_island.cli.selftest import selftest
from fem_island.cli.solve import solve
from fem_island.cli.strip import strip
from fem_island.cli.studies import figure1, figure4, figure5, figure6, materials
from fem_island.cli.sweep import sweep
from fem_island.cli.uncertain import uncertain
from fem_island.machine.docstrings import docstring_of, on_long_lines
from fem_island.machine.standard_streams import open_standard_streams
from fem_island.machine.versions import own_version

app = App(
    name="fem-island",
    help="Potential, current and film response around lithium islands in anode-free cells.",
    version=own_version,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
    # Not Markdown, whose parser takes a fifth of the time of help to load.
    help_format="plaintext",
    # A name may begin with a bracket, and no flag or list has an option that takes it back.
    default_parameter=Parameter(json_list=False, negative=()),
)
for command in (
    solve,
    strip,
    sweep,
    evaluate,
    impedance,
    circuit,
    fit,
    design,
    uncertain,
    compare,
    onset,
    film_map,
    figure1,
    figure4,
    figure5,
    figure6,
    explore,
    materials,
    init,
    schema,
    cite,
    map_info,
    shapes,
    selftest,
):
    command.__doc__ = on_long_lines(docstring_of(command))
    app.command(command)


def main(*, on_interruption: Any = None) -> NoReturn:
    """Run the command line and end the process with its exit status.

    Args:
        on_interruption: What handles an interruption while commands run, before and after which it
            is left to the system; None is what handles it already.
    """
    keep_interruptions()
    silence_matplotlib()
    output = open_standard_streams()
    try:
        if on_interruption is not None:
            signal.signal(signal.SIGINT, on_interruption)
        status = app(exit_on_error=False, print_error=False) or DONE
    except CycloptsError as error:
        say(_wrong_words(error))
        status = WRONG_INPUT
    except KeyboardInterrupt:
        status = interrupted()
    except Exception as error:
        status = unexpected(error)
    if on_interruption is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if status == WRONG_INPUT:
        let_first_rank_speak()
    status = printed(output, status)
    # All memory goes with the process; to collect it object by object first takes half a second.
    gc.freeze()
    sys.exit(status)


def _wrong_words(error: CycloptsError) -> str:
    """What is wrong with the words of a command line, in one line."""
    said = " ".join(str(error).split())
    argument = error.argument
    if isinstance(error, MissingArgumentError) and argument is not None and not argument.tokens:
        said = f"{argument.name}: is missing"
        if error.keyword is not None:
            said = f"{error.keyword}: has no value behind it"
    elif isinstance(error, UnusedCliTokensError):
        said = f"{' '.join(error.unused_tokens or ())}: is more than the command takes"
    return f"{said} (fem-island --help shows what there is)"
