using AttentionLab.Imaging;

namespace AttentionLab.Host.Exploring;

/// <summary>A picture of the page.</summary>
/// <param name="Id">What requests call it.</param>
/// <param name="Image">Every pixel of it.</param>
/// <param name="Expression">The C# expression that makes it.</param>
/// <param name="Label">Its class, where that is known.</param>
internal sealed record StoredPicture(string Id, Image Image, string Expression, int? Label);
