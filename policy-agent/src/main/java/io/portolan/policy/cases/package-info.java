/** Answers files of questions about policy, one a line, for comparison with other engines. */
@NullMarked
package io.portolan.policy.cases;

import org.jspecify.annotations.NullMarked;
