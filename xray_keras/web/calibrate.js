// @ts-check
/**
 * Equation 1 of cohen2019, as `xray_keras.evaluation.calibration.calibrate`: the piecewise linear map with f(0) = 0,
 * f(opt) = 1/2 and f(1) = 1. At the ends, where a piece divides by zero, the limits are taken.
 *
 * @param {number} p model output in [0, 1]
 * @param {number} opt operating point in [0, 1]
 * @returns {number} in [0, 1]
 * @throws {RangeError} either is outside [0, 1] or no number
 */
export function calibrate(p, opt) {
  for (const value of [p, opt]) {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${value} is outside [0, 1]`);
  }
  if (p <= opt) return opt > 0 ? p / (2 * opt) : 0;
  return 1 - (1 - p) / (2 * (1 - opt));
}
