import keras
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, Activation
model = Sequential([Dense(32, input_shape=(100,)), Activation('relu'), Dense(10), Activation('softmax')])
model.compile(optimizer='rmsprop', loss='categorical_crossentropy', metrics=['accuracy'])
data = np.random.random([1000, 100])
labels = np.random.randint(10, size=(1000, 1))
one_hot_labels = keras.utils.to_categorical(labels, num_classes=10)
model.fit(data, one_hot_labels, epochs=10, batch_size=32)
x_test = np.random.random((50, 100))
y_test = np.random.randint(10, size=(50, 1))
y_test_one_hot = keras.utils.to_categorical(y_test, num_classes=10)
scores = model.evaluate(x_test, y_test_one_hot, batch_size=128)
print(dict(zip(model.metrics_names, scores)))
