package io.portolan.sim.ec2.action;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A part of an answer: a name with either a text or children.
 *
 * @param text of a leaf; empty for a node
 * @param children of a node; empty for a leaf
 */
public record Element(String name, String text, List<Element> children) {
  /** Stands for an absent optional part; nodes leave it out. */
  private static final Element ABSENT = new Element("", "", List.of());

  public Element {
    // A listing has a hundred thousand of these; nearly all are leaves.
    children =
        children.isEmpty()
            ? List.of()
            : children.stream().filter(child -> !child.name.isEmpty()).toList();
  }

  public static Element leaf(String name, Object value) {
    return new Element(name, value.toString(), List.of());
  }

  public static Element node(String name, Element... children) {
    return new Element(name, "", Arrays.asList(children));
  }

  public static Element node(String name, List<Element> children) {
    return new Element(name, "", children);
  }

  public static Element optional(Optional<Element> element) {
    return element.orElse(ABSENT);
  }

  public static Element optional(String name, Optional<?> value) {
    return optional(value.map(v -> leaf(name, v)));
  }

  /** A list of leaves, each called {@code item}. */
  public static Element items(String name, Collection<?> values) {
    return node(name, values.stream().map(v -> leaf("item", v)).toList());
  }

  /** The first descendant along {@code path}, names joined by slashes. */
  public Optional<Element> find(String path) {
    int slash = path.indexOf('/');
    String first = slash < 0 ? path : path.substring(0, slash);
    Optional<Element> child = children.stream().filter(c -> c.name.equals(first)).findFirst();
    return slash < 0 ? child : child.flatMap(c -> c.find(path.substring(slash + 1)));
  }

  /**
   * The text of the descendant along {@code path}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public String text(String path) {
    return find(path)
        .orElseThrow(() -> new IllegalArgumentException(name + " has no " + path))
        .text();
  }
}
