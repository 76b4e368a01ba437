#pragma once

namespace exo::activation_numbers {

/// GELU, tanh approximation: x / 2 * (1 + tanh(root * (x + cubic * x^3))), with root = sqrt(2 / pi).
constexpr float kGeluRoot = 0.7978845608f;
constexpr float kGeluCubic = 0.044715f;

/// gpt-oss: (clip(up, -limit, limit) + 1) * g * sigmoid(slope * g), with g = min(gate, limit).
constexpr float kClampedSlope = 1.702f;
constexpr float kClampedLimit = 7;

}  // namespace exo::activation_numbers
