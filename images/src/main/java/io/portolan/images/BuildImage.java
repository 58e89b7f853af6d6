package io.portolan.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one archive: {@code BuildImage SPEC ARCHIVE CACHE}, where {@code SPEC} is a JSON file with
 * the fields of {@link ImageSpec} and layers as {@code {"name": ..., "root": ...}}. Prints the
 * digest.
 */
public final class BuildImage {
  private BuildImage() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 3) {
      System.err.println("BuildImage: give SPEC ARCHIVE CACHE, as build/images does");
      System.exit(2);
    }
    ImageSpec image = read(Path.of(arguments[0]));
    System.out.println(
        image.reference()
            + " "
            + OciArchive.write(image, Path.of(arguments[1]), Path.of(arguments[2])));
  }

  static ImageSpec read(Path file) throws IOException {
    JsonNode json = new ObjectMapper().readTree(Files.readString(file));
    List<String> entrypoint = new ArrayList<>();
    json.required("entrypoint").forEach(word -> entrypoint.add(word.asText()));
    List<ImageSpec.Layer> layers = new ArrayList<>();
    for (JsonNode layer : json.required("layers")) {
      layers.add(
          new ImageSpec.Layer(
              layer.required("name").asText(), Path.of(layer.required("root").asText())));
    }
    return new ImageSpec(
        json.required("reference").asText(),
        json.required("title").asText(),
        json.required("architecture").asText(),
        json.required("user").asText(),
        entrypoint,
        layers);
  }
}
