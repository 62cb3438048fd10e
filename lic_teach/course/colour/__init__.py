"""Whether the eye needs all three channels.

eye_chart.py: stripes of Y, Cb and Cr, for the learner's own eye
light.py: luminance, which luma is not
chroma.py: luma and chroma of a photograph blurred separately, or set to grey
exercises.py: the checks of its exercises
"""
