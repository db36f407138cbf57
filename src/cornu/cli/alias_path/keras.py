"""Stands for Keras in processes that a program under `cornu run` starts.

`install_as_keras` puts this file's folder on their path; importing it there makes `keras` mean
cornu. It is not part of any package and nothing of it stays: the import gives cornu's module.
"""

import cornu

cornu.install_as_keras()
