// Operations that are recorded and not computed, to be simplified and fused before they are.
#pragma once

#include "array.h"

namespace rmlx {

class Pending {
 public:
  explicit Pending(const Arrays& xs);

  // What is to be computed, made of fused operations.
  const Arrays& fused() const;

  // Gives the arrays the values of their fused counterparts, once these are there.
  void settle();

 private:
  Arrays roots_, fused_;
};

} // namespace rmlx
