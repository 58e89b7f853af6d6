package io.portolan.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A value of a JSON document with its path, for messages such as {@code status.podIPs[0].ip: 'x' is
 * no address}. A JSON null is the same as a missing value.
 *
 * @param path empty for the document itself
 */
record InputNode(String path, JsonNode node) {

  static InputNode of(JsonNode document) throws MalformedInputException {
    InputNode root = new InputNode("", document);
    if (!document.isObject()) {
      throw root.problem("is no object");
    }
    return root;
  }

  boolean isPresent() {
    return !node.isMissingNode() && !node.isNull();
  }

  /** A field of an object; of one that is not there, one that is not there either. */
  InputNode get(String field) throws MalformedInputException {
    if (isPresent() && !node.isObject()) {
      throw problem("is no object");
    }
    return new InputNode(path.isEmpty() ? field : path + "." + field, node.path(field));
  }

  /** The items of a list; none if it is not there. */
  List<InputNode> items() throws MalformedInputException {
    if (isPresent() && !node.isArray()) {
      throw problem("is no list");
    }
    List<InputNode> items = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      items.add(new InputNode(path + "[" + i + "]", node.get(i)));
    }
    return items;
  }

  /** The fields of an object with names that are data; none if it is not there. */
  List<String> names() throws MalformedInputException {
    if (isPresent() && !node.isObject()) {
      throw problem("is no object");
    }
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  String text() throws MalformedInputException {
    String text = optionalText().orElseThrow(() -> problem("is missing"));
    if (text.isEmpty()) {
      throw problem("is empty");
    }
    return text;
  }

  Optional<String> optionalText() throws MalformedInputException {
    if (!isPresent()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw problem(node + " is no string");
    }
    return Optional.of(node.textValue());
  }

  OptionalInt optionalNumber(int from, int to) throws MalformedInputException {
    if (!isPresent()) {
      return OptionalInt.empty();
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < from
        || node.intValue() > to) {
      throw problem(node + " is no number from " + from + " to " + to);
    }
    return OptionalInt.of(node.intValue());
  }

  void optionalFlag() throws MalformedInputException {
    if (isPresent() && !node.isBoolean()) {
      throw problem(node + " is neither true nor false");
    }
  }

  /** A map of strings, such as labels. */
  void optionalTexts() throws MalformedInputException {
    for (String name : names()) {
      InputNode value = new InputNode(path + "[" + name + "]", node.path(name));
      if (!value.node().isTextual()) {
        throw value.problem(value.node() + " is no string");
      }
    }
  }

  IpAddress address() throws MalformedInputException {
    return address(path, text());
  }

  static IpAddress address(String path, String text) throws MalformedInputException {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new MalformedInputException(path, "'" + text + "' is no address");
    }
  }

  MalformedInputException problem(String problem) {
    return new MalformedInputException(path, problem);
  }
}
