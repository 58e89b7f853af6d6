package io.portolan.policy.model;

/** What a rule does with a connection that meets its conditions. */
public enum Action {
  /** Final for this direction; the other end still has to agree. */
  ALLOW,

  /** Drops silently. */
  DENY,

  /** Ends the tier; the next one decides. */
  PASS,

  /** Reports the connection and goes on with the next rule. */
  LOG
}
