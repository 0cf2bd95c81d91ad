"""The quasi-eigenbasis: averages, orthogonalisation, audit, comparison."""
