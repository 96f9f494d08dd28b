"""The families of rows, one file for each, in the order of the table. A new family is a module with WORKLOADS and a line here."""

from families import data, huge_pages, metadata, small_files, trees

WORKLOADS = [*metadata.WORKLOADS, *small_files.WORKLOADS, *trees.WORKLOADS, *data.WORKLOADS, *huge_pages.WORKLOADS]
