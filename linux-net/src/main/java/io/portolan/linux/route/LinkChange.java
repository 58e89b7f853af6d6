package io.portolan.linux.route;

import io.portolan.linux.netns.NetworkNamespace;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to change of a link; empty stays as it is.
 *
 * @param name the new name
 * @param mac the new MAC address
 * @param mtu in bytes
 * @param up raise or lower it
 * @param group interface group
 * @param alias free text; empty text removes it
 * @param master index of the bridge it becomes a port of, 0 for none
 * @param namespace where it moves; the handle must be open when the request is put together
 */
public record LinkChange(
    Optional<String> name,
    Optional<MacAddress> mac,
    OptionalInt mtu,
    Optional<Boolean> up,
    OptionalInt group,
    Optional<String> alias,
    OptionalInt master,
    Optional<NetworkNamespace> namespace) {
  public static final LinkChange NONE =
      new LinkChange(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty());
  public static final LinkChange UP = NONE.withUp(true);
  public static final LinkChange DOWN = NONE.withUp(false);

  public LinkChange {
    name.ifPresent(n -> LinkName.require("name", n));
  }

  public LinkChange withName(String value) {
    return new LinkChange(Optional.of(value), mac, mtu, up, group, alias, master, namespace);
  }

  public LinkChange withMac(MacAddress value) {
    return new LinkChange(name, Optional.of(value), mtu, up, group, alias, master, namespace);
  }

  public LinkChange withMtu(int value) {
    return new LinkChange(name, mac, OptionalInt.of(value), up, group, alias, master, namespace);
  }

  public LinkChange withUp(boolean value) {
    return new LinkChange(name, mac, mtu, Optional.of(value), group, alias, master, namespace);
  }

  public LinkChange withGroup(int value) {
    return new LinkChange(name, mac, mtu, up, OptionalInt.of(value), alias, master, namespace);
  }

  public LinkChange withAlias(String value) {
    return new LinkChange(name, mac, mtu, up, group, Optional.of(value), master, namespace);
  }

  public LinkChange withMaster(int value) {
    return new LinkChange(name, mac, mtu, up, group, alias, OptionalInt.of(value), namespace);
  }

  public LinkChange to(NetworkNamespace value) {
    return new LinkChange(name, mac, mtu, up, group, alias, master, Optional.of(value));
  }
}
