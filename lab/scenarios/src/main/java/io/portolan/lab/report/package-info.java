/** What a scenario has to say, for people and for programs. */
@NullMarked
package io.portolan.lab.report;

import org.jspecify.annotations.NullMarked;
