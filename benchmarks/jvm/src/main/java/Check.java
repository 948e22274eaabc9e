import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Judges pairs of Avro schemas in both directions. The file that is named holds two paths a line, old and new. */
public final class Check {
  private static final Map<String, Schema> READ = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    int pairs = 0;
    int breaking = 0;
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      String[] paths = line.split("\t");
      Schema older = read(paths[0]);
      Schema newer = read(paths[1]);
      pairs++;
      breaking += reads(newer, older) && reads(older, newer) ? 0 : 1;
    }
    System.out.println(pairs + " pairs, " + breaking + " breaking");
  }

  private static boolean reads(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
        == SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE;
  }

  private static Schema read(String path) throws Exception {
    Schema known = READ.get(path);
    if (known == null) {
      known = new Schema.Parser().parse(Files.readString(Path.of(path)));
      READ.put(path, known);
    }
    return known;
  }
}
