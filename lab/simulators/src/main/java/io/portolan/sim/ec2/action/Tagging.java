package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Tags as requests carry them and answers show them. */
final class Tagging {
  /** VPC and EC2 quota "Tags per resource". */
  private static final int MAX_TAGS = 50;

  private Tagging() {}

  /**
   * The tags a creating request wants on the thing created.
   *
   * @param kinds what the operation creates and lets be tagged
   */
  static SortedMap<String, String> specified(
      Query query, ResourceKind wanted, Set<ResourceKind> kinds) {
    SortedMap<String, String> tags = new TreeMap<>();
    for (Query specification : query.structs("TagSpecification")) {
      String type = specification.required("ResourceType");
      SortedMap<String, String> read = read(specification);
      if (type.equals(wanted.typeName())) {
        tags.putAll(read);
      } else if (kinds.stream().noneMatch(kind -> kind.typeName().equals(type))) {
        throw Refusals.invalid(
            "'" + type + "' is not a valid taggable resource type for this operation.");
      }
    }
    return tags;
  }

  static SortedMap<String, String> specified(Query query, ResourceKind wanted) {
    return specified(query, wanted, Set.of(wanted));
  }

  /** The parameters {@code Tag.N.Key} and {@code Tag.N.Value}. */
  static SortedMap<String, String> read(Query query) {
    SortedMap<String, String> tags = new TreeMap<>();
    for (Query tag : query.structs("Tag")) {
      String key = tag.required("Key");
      String value = tag.text("Value").orElse("");
      if (key.length() > 128 || value.length() > 256) {
        throw Refusals.invalid("Tag key or value is too long: '" + key + "'");
      }
      if (key.startsWith("aws:")) {
        throw Refusals.invalid("Tag keys starting with 'aws:' are reserved for internal use");
      }
      tags.put(key, value);
    }
    return tags;
  }

  /** The state with {@code added} on top of what the thing has. */
  static Ec2State tag(Ec2State state, ResourceId id, Map<String, String> added) {
    SortedMap<String, String> tags = state.tags(id);
    tags.putAll(added);
    if (tags.size() > MAX_TAGS) {
      throw new Ec2Error(
              "TagLimitExceeded",
              "The maximum number of tags for a resource has been reached: " + MAX_TAGS)
          .refusal();
    }
    return added.isEmpty() ? state : state.withTags(id, tags);
  }

  static Element element(Ec2State state, ResourceId id) {
    return node("tagSet", elements(state.tags(id)));
  }

  private static List<Element> elements(Map<String, String> tags) {
    return tags.entrySet().stream()
        .map(tag -> node("item", leaf("key", tag.getKey()), leaf("value", tag.getValue())))
        .toList();
  }
}
