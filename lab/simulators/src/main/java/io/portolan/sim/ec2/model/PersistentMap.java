package io.portolan.sim.ec2.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map whose changed copies share what did not change, so that every state of a
 * world can be kept (stale reads are answered from an old one) and each change costs the logarithm
 * of its size.
 *
 * <p>An AVL tree with path copying.
 */
public final class PersistentMap<K extends Comparable<K>, V> {
  private record Node<K, V>(
      K key,
      V value,
      @Nullable Node<K, V> left,
      @Nullable Node<K, V> right,
      int height,
      int size) {}

  private static final PersistentMap<?, ?> EMPTY = new PersistentMap<String, Object>(null);

  private final @Nullable Node<K, V> root;

  private PersistentMap(@Nullable Node<K, V> root) {
    this.root = root;
  }

  @SuppressWarnings("unchecked") // holds no value, so it is one of every type
  public static <K extends Comparable<K>, V> PersistentMap<K, V> empty() {
    return (PersistentMap<K, V>) EMPTY;
  }

  public int size() {
    return size(root);
  }

  public Optional<V> get(K key) {
    Node<K, V> at = root;
    while (at != null) {
      int order = key.compareTo(at.key);
      if (order == 0) {
        return Optional.of(at.value);
      }
      at = order < 0 ? at.left : at.right;
    }
    return Optional.empty();
  }

  public PersistentMap<K, V> with(K key, V value) {
    return new PersistentMap<>(insert(root, key, value));
  }

  public PersistentMap<K, V> without(K key) {
    return get(key).isEmpty() ? this : new PersistentMap<>(remove(root, key));
  }

  /** All values, by ascending key. */
  public List<V> values() {
    List<V> values = new ArrayList<>(size());
    forEach(root, values::add);
    return values;
  }

  /** The value of the lowest key. */
  public Optional<V> first() {
    Node<K, V> at = root;
    while (at != null && at.left != null) {
      at = at.left;
    }
    return Optional.ofNullable(at).map(Node::value);
  }

  /**
   * The values of one contiguous range of keys, in order.
   *
   * @param position of a key: 0 inside the range, negative below it, positive above it
   */
  public List<V> range(ToIntFunction<K> position) {
    List<V> values = new ArrayList<>();
    collect(root, position, values);
    return values;
  }

  private static <K, V> void collect(
      @Nullable Node<K, V> node, ToIntFunction<K> position, List<V> into) {
    if (node == null) {
      return;
    }
    int where = position.applyAsInt(node.key);
    if (where >= 0) {
      collect(node.left, position, into);
    }
    if (where == 0) {
      into.add(node.value);
    }
    if (where <= 0) {
      collect(node.right, position, into);
    }
  }

  private static <K, V> void forEach(@Nullable Node<K, V> node, Consumer<V> consumer) {
    if (node != null) {
      forEach(node.left, consumer);
      consumer.accept(node.value);
      forEach(node.right, consumer);
    }
  }

  private static <K extends Comparable<K>, V> Node<K, V> insert(
      @Nullable Node<K, V> node, K key, V value) {
    if (node == null) {
      return node(key, value, null, null);
    }
    int order = key.compareTo(node.key);
    if (order == 0) {
      return node(key, value, node.left, node.right);
    }
    return order < 0
        ? balanced(node.key, node.value, insert(node.left, key, value), node.right)
        : balanced(node.key, node.value, node.left, insert(node.right, key, value));
  }

  private static <K extends Comparable<K>, V> @Nullable Node<K, V> remove(
      @Nullable Node<K, V> node, K key) {
    if (node == null) {
      return null;
    }
    int order = key.compareTo(node.key);
    if (order < 0) {
      return balanced(node.key, node.value, remove(node.left, key), node.right);
    }
    if (order > 0) {
      return balanced(node.key, node.value, node.left, remove(node.right, key));
    }
    if (node.left == null || node.right == null) {
      return node.left == null ? node.right : node.left;
    }
    Node<K, V> successor = node.right;
    for (Node<K, V> next = successor.left; next != null; next = next.left) {
      successor = next;
    }
    return balanced(successor.key, successor.value, node.left, remove(node.right, successor.key));
  }

  private static <K, V> Node<K, V> balanced(
      K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    if (left != null && height(left) > height(right) + 1) {
      Node<K, V> inner = left.right;
      return inner == null || height(left.left) >= height(inner)
          ? node(left.key, left.value, left.left, node(key, value, left.right, right))
          : node(
              inner.key,
              inner.value,
              node(left.key, left.value, left.left, inner.left),
              node(key, value, inner.right, right));
    }
    if (right != null && height(right) > height(left) + 1) {
      Node<K, V> inner = right.left;
      return inner == null || height(right.right) >= height(inner)
          ? node(right.key, right.value, node(key, value, left, right.left), right.right)
          : node(
              inner.key,
              inner.value,
              node(key, value, left, inner.left),
              node(right.key, right.value, inner.right, right.right));
    }
    return node(key, value, left, right);
  }

  private static <K, V> Node<K, V> node(
      K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
    return new Node<>(
        key,
        value,
        left,
        right,
        1 + Math.max(height(left), height(right)),
        1 + size(left) + size(right));
  }

  private static int height(@Nullable Node<?, ?> node) {
    return node == null ? 0 : node.height;
  }

  private static int size(@Nullable Node<?, ?> node) {
    return node == null ? 0 : node.size;
  }
}
