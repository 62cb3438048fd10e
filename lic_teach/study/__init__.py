"""Rate-distortion studies: many pictures, many codecs, one table.

    folder of pictures --curves.py--> rd/<dataset>_<codec>.json --table.py--> BD-rates
    codecs.py: other people's, through Pillow; own.py: the course's, and parts of its optimizer
    pictures.py: the folder, looked at first; identity.py: what a study is of, what is the same

Every curve of another codec that the lessons draw lies in data/rd/ as one such file, made by
`lic-teach rd` (command.py) and holding its own protocol, versions and command. compare.py takes one
picture through all codecs, for a page (report/), in two processes (pool.py). Lessons
rate_distortion, jpeg_by_lambda and showdown.
"""
