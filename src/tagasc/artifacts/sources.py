"""What a corpus was packed from: its lists and recordings, by name, size, time and content."""

from tagasc.artifacts.table import Column, TableFile

LISTS = "lists"
"""Name of the row that stands for what all lists say."""

SOURCES = TableFile(
    path="corpora/<corpus>/sources.csv",
    rule="pack_scenes or pack_events",
    meaning=f"What the corpus was packed from: first a row '{LISTS}', then one row per recording. Whoever plans a run "
    "compares it with the data set's folder.",
    columns=[
        Column("filename", str, "path of the recording, relative to the data set's folder"),
        Column("bytes", int, "size of the file"),
        Column("modified", int, "time of its last modification, in ns since 1970"),
        Column("digest", str, "digest of the decoded recording, or of what the lists say"),
        Column("revision", int, "how often the content has changed; rule parameter of the packing"),
    ],
)
