package io.portolan.policy.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.select.Selector;
import java.util.ArrayList;
import java.util.List;

/** Reads meta/v1 LabelSelector. */
final class LabelSelectors {
  private LabelSelectors() {}

  /**
   * An empty selector matches everything.
   *
   * @throws NotUnderstoodException for an operator or shape the API does not define
   */
  static Selector decode(JsonNode node) throws NotUnderstoodException {
    List<Selector> parts = new ArrayList<>();
    for (var label : node.path("matchLabels").properties()) {
      parts.add(Selector.in(label.getKey(), List.of(label.getValue().asText())));
    }
    for (JsonNode expression : node.path("matchExpressions")) {
      parts.add(expression(expression));
    }
    return Selector.and(parts);
  }

  private static Selector expression(JsonNode node) throws NotUnderstoodException {
    String key = node.path("key").asText("");
    String operator = node.path("operator").asText("");
    List<String> values = new ArrayList<>();
    node.path("values").forEach(value -> values.add(value.asText()));
    boolean wantsValues = operator.equals("In") || operator.equals("NotIn");
    if (key.isEmpty() || wantsValues == values.isEmpty()) {
      throw new NotUnderstoodException(
          "label expression "
              + node
              + ": give a key; In and NotIn need values, Exists and DoesNotExist take none");
    }
    return switch (operator) {
      case "In" -> Selector.in(key, values);
      case "NotIn" -> Selector.notIn(key, values);
      case "Exists" -> new Selector.Has(key);
      case "DoesNotExist" -> new Selector.Not(new Selector.Has(key));
      default ->
          throw new NotUnderstoodException(
              "label operator '" + operator + "': use In, NotIn, Exists or DoesNotExist");
    };
  }
}
