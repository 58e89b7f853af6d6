package io.portolan.linux.route;

/** Which link: by index, which never means another link later, or by name. */
public sealed interface LinkRef {
  /**
   * @param value above 0
   */
  record Index(int value) implements LinkRef {
    public Index {
      if (value <= 0) {
        throw new IllegalArgumentException("value " + value + ": a link index is above 0");
      }
    }

    @Override
    public String toString() {
      return "link " + value;
    }
  }

  /**
   * @param value an interface name
   */
  record Name(String value) implements LinkRef {
    public Name {
      LinkName.require("value", value);
    }

    @Override
    public String toString() {
      return "link " + value;
    }
  }

  static LinkRef of(int index) {
    return new Index(index);
  }

  static LinkRef named(String name) {
    return new Name(name);
  }
}
