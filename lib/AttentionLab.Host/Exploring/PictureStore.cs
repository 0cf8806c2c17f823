using System.Globalization;
using AttentionLab.Imaging;

namespace AttentionLab.Host.Exploring;

/// <summary>The pictures that the page's tabs gave last; older ones make room.</summary>
internal sealed class PictureStore
{
    private const long MostBytes = 256_000_000;
    private const int MostPictures = 64;

    private readonly Lock _one = new();
    private readonly Dictionary<string, StoredPicture> _pictures = [];
    private readonly Queue<string> _order = [];
    private long _bytes;
    private int _last;

    /// <summary>Keeps a picture and gives it a name for later requests.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="expression">The C# expression that makes it.</param>
    /// <param name="label">Its class, where that is known.</param>
    public StoredPicture Add(Image image, string expression, int? label)
    {
        lock (_one)
        {
            var stored = new StoredPicture((++_last).ToString(CultureInfo.InvariantCulture), image, expression, label);
            _pictures[stored.Id] = stored;
            _order.Enqueue(stored.Id);
            _bytes += image.Rgb.LongLength;
            while (_order.Count > 1 && (_order.Count > MostPictures || _bytes > MostBytes))
            {
                _pictures.Remove(_order.Dequeue(), out StoredPicture? oldest);
                _bytes -= oldest!.Image.Rgb.LongLength;
            }

            return stored;
        }
    }

    /// <summary>A picture by its name.</summary>
    /// <exception cref="ExploreException">It has made room for others.</exception>
    public StoredPicture Get(string id)
    {
        lock (_one)
        {
            return _pictures.GetValueOrDefault(id)
                ?? throw new ExploreException("The server no longer holds this picture: choose it again.");
        }
    }
}
