// Functions that the C library lacks, or has with a global variable (the sign of lgamma): double.
#pragma once

namespace cornu::block::special {

double erfinv(double y);
double lgamma(double x);
double digamma(double x);
double sigmoid(double x);

}  // namespace cornu::block::special
