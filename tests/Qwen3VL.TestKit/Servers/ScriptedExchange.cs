using System.Globalization;
using System.Text;

namespace Qwen3VL.TestKit.Servers;

/// <summary>One request to a <see cref="ScriptedHttpServer"/> and the connection on which a test answers it, byte by byte.</summary>
public sealed class ScriptedExchange(string head, Stream connection, CancellationToken serverStops)
{
    /// <summary>Request line and headers.</summary>
    public string Head => head;

    /// <summary>Path and query, for example <c>/a.pdf?x=1</c>.</summary>
    public string Target => head.Split(' ')[1];

    /// <summary>Writes bytes as they are.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        await connection.WriteAsync(bytes, serverStops);
        await connection.FlushAsync(serverStops);
    }

    /// <summary>Writes text as it is.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>A whole answer with its length.</summary>
    public async Task AnswerAsync(int status, byte[] body, params string[] headers)
    {
        string[] lines = [string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Scripted"), $"Content-Length: {body.Length}", "Connection: close", .. headers];
        await SendAsync(string.Join("\r\n", lines) + "\r\n\r\n");
        await SendAsync(body);
    }

    /// <summary>An answer without a body that leads elsewhere.</summary>
    public Task RedirectAsync(string location, int status = 302) => AnswerAsync(status, [], "Location: " + location);

    /// <summary>Waits until the client has closed the connection.</summary>
    public async Task WaitForCloseAsync()
    {
        byte[] buffer = new byte[64];
        try
        {
            while (await connection.ReadAsync(buffer, serverStops) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset is closed too.
        }
    }
}
