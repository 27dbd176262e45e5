import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.json.JSONArray;
import org.json.JSONObject;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/** pgjdbc with its default prepareThreshold, in HikariCP. What it does: test/support/drivers/contract.ts. */
public final class Pgjdbc {
  private static final String INSERT = "INSERT INTO driver_rows VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
  private static final String OWN = "SELECT count(*) FROM driver_rows WHERE run = ? AND driver = ? AND worker = ?";
  private static final String NAMED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE ?";

  private final JSONObject input;
  private final JSONObject settings;
  private final String run;
  private final String driver;
  private final HikariDataSource pool;
  private volatile boolean over;
  private final JSONObject errors = new JSONObject();
  private int retried;
  private int failed;

  private Pgjdbc(JSONObject input) {
    this.input = input;
    settings = input.getJSONObject("settings");
    run = input.getString("run");
    driver = input.getString("driver");
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbcUrl(input.getString("url")));
    config.setDataSourceProperties(properties(input.getString("url")));
    config.setMaximumPoolSize(settings.getInt("poolSize") + settings.getInt("maxOverflow"));
    config.setMinimumIdle(0);
    config.setMaxLifetime(settings.getInt("recycle") * 1000L);
    // Hikari tests a connection before use by itself.
    config.setConnectionTimeout(settings.getInt("poolTimeout") * 1000L);
    config.setInitializationFailTimeout(-1);
    pool = new HikariDataSource(config);
  }

  private static String jdbcUrl(String url) {
    URI address = URI.create(url);
    return "jdbc:postgresql://" + address.getHost() + ":" + address.getPort() + address.getPath() + "?" + address.getRawQuery();
  }

  private Properties properties(String url) {
    String[] login = URI.create(url).getUserInfo().split(":", 2);
    Properties all = new Properties();
    all.setProperty("user", login[0]);
    all.setProperty("password", login[1]);
    all.setProperty("ApplicationName", settings.getString("applicationName"));
    all.setProperty("connectTimeout", String.valueOf(settings.getInt("connectTimeout")));
    all.setProperty("loginTimeout", String.valueOf(settings.getInt("connectTimeout")));
    all.setProperty("socketTimeout", String.valueOf(settings.getInt("statementTimeout")));
    all.setProperty("tcpKeepAlive", "true");
    return all;
  }

  private record Statement(String text, Object... values) {}

  /** First values of the statements' first rows. */
  private List<Object> transaction(Statement... statements) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      List<Object> results = new ArrayList<>();
      try {
        for (Statement each : statements) results.add(first(connection, each));
        connection.commit();
        return results;
      } catch (SQLException error) {
        try {
          connection.rollback();
        } catch (SQLException gone) {
          error.addSuppressed(gone);
        }
        throw error;
      }
    }
  }

  private static Object first(Connection connection, Statement statement) throws SQLException {
    try (PreparedStatement prepared = connection.prepareStatement(statement.text())) {
      for (int n = 0; n < statement.values().length; n++) prepared.setObject(n + 1, statement.values()[n]);
      if (!prepared.execute()) return null;
      ResultSet rows = prepared.getResultSet();
      return rows.next() ? rows.getObject(1) : null;
    }
  }

  private Object value(String text, Object... values) throws SQLException {
    return transaction(new Statement(text, values)).get(0);
  }

  private Object prepared() throws SQLException {
    boolean seen = false;
    // Of this driver alone: others use the same server connections.
    String tag = "AND n >= 0 /* " + driver + " */";
    // The driver prepares at the fifth time, each connection for itself.
    for (int turn = 0; turn < 12 || (turn < 100 && !seen); turn++) {
      Statement own = new Statement(OWN + " " + tag, run, driver, -1);
      List<Object> results = transaction(own, new Statement(NAMED, "%" + tag));
      if ((long) results.get(0) != 0) return "another answer than 0";
      seen = seen || (long) results.get(1) > 0;
    }
    return seen ? true : "no prepared statement in the server";
  }

  private Object commits() throws SQLException {
    transaction(new Statement(INSERT, run, driver, 0, 0));
    try {
      transaction(new Statement(INSERT, run, driver, 0, 1), new Statement("SELECT 1 / 0"));
    } catch (SQLException expected) {
      // It undoes the first.
    }
    return (long) value(OWN, run, driver, 0) == 1;
  }

  private Object recovers() throws SQLException {
    try {
      transaction(new Statement("SELECT 1 / 0"));
    } catch (SQLException error) {
      if (!"22012".equals(error.getSQLState())) return "the error was " + error.getSQLState();
    }
    return (int) value("SELECT 1") == 1;
  }

  private Object cancels() throws Exception {
    String tag = "/* cancel " + run + " " + driver + " */";
    try (Connection connection = pool.getConnection(); java.sql.Statement statement = connection.createStatement()) {
      Thread canceller = new Thread(() -> {
        try {
          Thread.sleep(300);
          statement.cancel();
        } catch (InterruptedException | SQLException error) {
          throw new IllegalStateException(error);
        }
      });
      canceller.start();
      statement.execute("SELECT pg_sleep(30) " + tag);
    } catch (SQLException error) {
      if (!"57014".equals(error.getSQLState())) throw error;
    }
    String running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE ?";
    for (int turn = 0; turn < 40; turn++) {
      if ((long) value(running, "SELECT pg_sleep%" + tag) == 0) return true;
      Thread.sleep(50);
    }
    return "the query went on";
  }

  private Object copies() throws Exception {
    try (Connection connection = pool.getConnection()) {
      StringBuilder rows = new StringBuilder();
      for (int n = 1; n <= 3; n++) rows.append(run).append('\t').append(driver).append('\t').append(n).append('\n');
      String copy = "COPY driver_copies (run, driver, n) FROM STDIN";
      connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy, new StringReader(rows.toString()));
    }
    return (long) value("SELECT sum(n) FROM driver_copies WHERE run = ? AND driver = ?", run, driver) == 6;
  }

  private Object hears() throws Exception {
    String channel = "c_" + driver.replaceAll("\\W", "_") + "_" + run;
    try (Connection connection = pool.getConnection(); java.sql.Statement statement = connection.createStatement()) {
      statement.execute("LISTEN " + channel);
      transaction(new Statement("NOTIFY " + channel));
      Object[] heard = connection.unwrap(PGConnection.class).getNotifications(1000);
      return heard != null && heard.length > 0;
    }
  }

  private Object locks() throws Exception {
    String key = "hashtext('" + run + driver + "')";
    transaction(new Statement("SELECT pg_advisory_lock(" + key + ")::text"));
    List<Boolean> got = new ArrayList<>();
    List<Thread> others = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      Thread other = new Thread(() -> {
        try {
          Statement again = new Statement("SELECT pg_try_advisory_lock(" + key + ")");
          Object first = transaction(again, new Statement("SELECT pg_sleep(0.1)::text")).get(0);
          synchronized (got) {
            got.add((boolean) first);
          }
        } catch (SQLException error) {
          throw new IllegalStateException(error);
        }
      });
      other.start();
      others.add(other);
    }
    for (Thread other : others) other.join();
    return !got.contains(true);
  }

  private Object verifies() {
    String url = input.getString("url");
    String foreign = url.replaceAll("sslrootcert=[^&]*", "sslrootcert=" + input.getString("foreignCa"));
    for (String other : List.of(foreign, input.getString("otherAddressUrl"))) {
      try (Connection connection = DriverManager.getConnection(jdbcUrl(other), properties(other))) {
        return "a wrong certificate was accepted";
      } catch (SQLException error) {
        String said = error + " " + error.getCause();
        if (!said.matches("(?is).*(certificate|certification|verif|hostname).*")) return said;
      }
    }
    return true;
  }

  private static Object tried(Callable<Object> check) {
    try {
      return check.call();
    } catch (Exception error) {
      return error.toString();
    }
  }

  private JSONObject smoke() {
    return new JSONObject()
        .put("prepared", tried(this::prepared))
        .put("transaction", tried(this::commits))
        .put("recovery", tried(this::recovers))
        .put("cancel", tried(this::cancels))
        .put("copy", tried(this::copies))
        .put("listen", tried(this::hears))
        .put("advisoryLock", tried(this::locks))
        .put("verified", tried(this::verifies));
  }

  private synchronized void saw(SQLException error) {
    String message = error.getSQLState() + " " + String.valueOf(error.getMessage()).split("\n")[0];
    errors.put(message, errors.optInt(message) + 1);
  }

  private synchronized void count(boolean hasFailed) {
    if (hasFailed) failed++;
    else retried++;
  }

  /** SQLSTATE classes that a repeat cannot heal: data, constraint, prepared statement, syntax or right. */
  private static boolean isHopeless(SQLException error) {
    return String.valueOf(error.getSQLState()).matches("(22|23|26|42).*");
  }

  private boolean repeat(int worker, int row) throws InterruptedException {
    JSONObject retry = settings.getJSONObject("retry");
    for (int attempt = 1; ; attempt++) {
      try {
        transaction(new Statement(INSERT, run, driver, worker, row), new Statement(OWN, run, driver, worker));
        return true;
      } catch (SQLException error) {
        saw(error);
        if (isHopeless(error) || attempt == retry.getInt("attempts")) {
          count(true);
          return false;
        }
        count(false);
        double longest = retry.getDouble("firstDelay") * Math.pow(retry.getDouble("factor"), attempt - 1);
        // Full jitter.
        Thread.sleep((long) (1000 * ThreadLocalRandom.current().nextDouble() * Math.min(retry.getDouble("largestDelay"), longest)));
      }
    }
  }

  private JSONObject load(BufferedReader stdin) throws Exception {
    int[] acknowledged = new int[input.getInt("workers")];
    List<Thread> workers = new ArrayList<>();
    for (int n = 0; n < acknowledged.length; n++) {
      int worker = n;
      Thread thread = new Thread(() -> {
        try {
          while (!over) {
            if (repeat(worker, acknowledged[worker])) acknowledged[worker]++;
            Thread.sleep(input.getInt("pause"));
          }
        } catch (InterruptedException end) {
          Thread.currentThread().interrupt();
        }
      });
      thread.start();
      workers.add(thread);
    }
    while (stdin.readLine() != null) continue;
    over = true;
    for (Thread worker : workers) worker.join();
    return new JSONObject()
        .put("acknowledged", new JSONArray(acknowledged))
        .put("retried", retried)
        .put("failed", failed)
        .put("errors", errors);
  }

  public static void main(String[] args) throws Exception {
    BufferedReader stdin = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    JSONObject input = new JSONObject(stdin.readLine());
    Pgjdbc program = new Pgjdbc(input);
    JSONObject answer = "smoke".equals(input.getString("mode")) ? program.smoke() : program.load(stdin);
    program.pool.close();
    System.out.println(answer.put("version", org.postgresql.util.DriverInfo.DRIVER_VERSION));
  }
}
