package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.Resource;
import io.portolan.sim.ec2.model.ResourceId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Tags of anything that exists. */
final class TagActions {
  static final Map<String, Action> ALL =
      Map.of(
          "CreateTags", TagActions::create,
          "DeleteTags", TagActions::delete,
          "DescribeTags", TagActions::describe);

  private TagActions() {}

  private static Outcome create(Query query, Turn turn) {
    SortedMap<String, String> tags = Tagging.read(query);
    if (tags.isEmpty()) {
      throw Refusals.missing("Tag");
    }
    Ec2State state = turn.state();
    for (ResourceId id : existing(query, state)) {
      state = Tagging.tag(state, id, tags);
    }
    return Outcome.done(state);
  }

  /**
   * API reference: without tags all go; a key alone removes whatever its value; a key with a value
   * (be it empty) removes only that pair.
   */
  private static Outcome delete(Query query, Turn turn) {
    Ec2State state = turn.state();
    List<Query> unwanted = query.structs("Tag");
    for (ResourceId id : existing(query, state)) {
      SortedMap<String, String> tags = state.tags(id);
      if (unwanted.isEmpty()) {
        tags.clear();
      }
      for (Query tag : unwanted) {
        String key = tag.required("Key");
        Optional<String> value = tag.text("Value");
        if (value.isEmpty() || value.get().equals(tags.get(key))) {
          tags.remove(key);
        }
      }
      state = state.withTags(id, tags);
    }
    return Outcome.done(state);
  }

  private static List<ResourceId> existing(Query query, Ec2State state) {
    List<String> texts = query.list("ResourceId");
    if (texts.isEmpty()) {
      throw Refusals.missing("resourceIdSet");
    }
    List<ResourceId> ids = new ArrayList<>();
    for (String text : texts) {
      ResourceId id =
          ResourceId.parse(text)
              .orElseThrow(
                  () -> new Ec2Error("InvalidID", "The ID '" + text + "' is not valid").refusal());
      ids.add(state.find(id).map(Resource::id).orElseThrow(() -> Refusals.notFound(id)));
    }
    return ids;
  }

  private record Tag(ResourceId resource, String key, String value) {
    String order() {
      return resource + " " + key;
    }
  }

  private static Outcome describe(Query query, Turn turn) {
    List<Tag> all = new ArrayList<>();
    for (Resource resource : turn.state().resources().values()) {
      turn.state()
          .tags(resource.id())
          .forEach((key, value) -> all.add(new Tag(resource.id(), key, value)));
    }
    all.sort(Comparator.comparing(Tag::order));
    Filters<Tag> filters =
        new Filters<Tag>()
            .on("resource-id", Tag::resource)
            .on("resource-type", t -> t.resource().kind().typeName())
            .on("key", Tag::key)
            .on("value", Tag::value);
    Page<Tag> page = Page.of(query, List.of(), filters.apply(query, all), Tag::order, 5, 1000);
    return new Outcome(
        turn.state(),
        page.answer(
            "tagSet",
            t ->
                node(
                    "item",
                    leaf("resourceId", t.resource()),
                    leaf("resourceType", t.resource().kind().typeName()),
                    leaf("key", t.key()),
                    leaf("value", t.value()))));
  }
}
