package io.portolan.linux.route;

/**
 * What can be added to and deleted from a namespace by value. Links are not among them: they are
 * created from a {@link NewLink} and known by index or name.
 */
public sealed interface NetworkObject permits Address, Route, Rule, Neighbor, FdbEntry {}
