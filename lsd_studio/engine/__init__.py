"""The science: data, networks, training, the quasi-eigenbasis and what it is good for. Never imports Qt."""
