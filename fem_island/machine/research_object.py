"""``ro-crate-metadata.json`` beside results: what the files of a folder are, for machines.

The format is RO-Crate 1.1, JSON-LD with the vocabulary of schema.org: repositories of research data
read title, files, units and software from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fem_island.machine.versions import versions
from fem_island.machine.whole_files import write_json

FILE_NAME = "ro-crate-metadata.json"

_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_KINDS = {
    ".nc": "application/x-netcdf",
    ".json": "application/json",
    ".csv": "text/csv",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".toml": "application/toml",
}
_LICENSE = {
    "@id": "#license",
    "@type": "CreativeWork",
    "name": "not stated",
    "description": "Whoever publishes these data says here how they may be used.",
}


def write_crate(folder: Path, title: str, files: Mapping[str, str]) -> Path:
    """Write the metadata of a folder.

    Args:
        folder: Where the files are.
        title: Of the whole.
        files: Names of files in the folder, and what each is.

    Returns:
        The file written.

    Raises:
        OutputError: It cannot be written.
    """
    path = folder / FILE_NAME
    write_json(_crate(title, files), path)
    return path


def _crate(title: str, files: Mapping[str, str]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    software = [
        {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "version": number}
        for name, number in versions().items()
    ]
    parts = [
        {
            "@id": name,
            "@type": "File",
            "name": words,
            "encodingFormat": _KINDS.get(Path(name).suffix, "application/octet-stream"),
        }
        for name, words in files.items()
    ]
    return {
        "@context": _CONTEXT,
        "@graph": [
            {
                "@id": FILE_NAME,
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": title,
                "description": title,
                "datePublished": now,
                "license": {"@id": _LICENSE["@id"]},
                "hasPart": _links(parts),
                "mentions": {"@id": "#computation"},
            },
            _LICENSE,
            *parts,
            {
                "@id": "#computation",
                "@type": "CreateAction",
                "name": title,
                "endTime": now,
                "instrument": _links(software),
                "result": _links(parts),
            },
            *software,
        ],
    }


def _links(entities: Sequence[Mapping[str, str]]) -> dict[str, str] | list[dict[str, str]]:
    """Links to entities: one alone is no list, as the format recommends."""
    links = [{"@id": one["@id"]} for one in entities]
    return links[0] if len(links) == 1 else links
