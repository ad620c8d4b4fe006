package docrow

import "github.com/rookerydb/rookery/internal/jsondoc"

// AppendJSON appends the document as clients read it: the stored text, with the server's own keys put into its metadata
// behind the client's. It allocates nothing beyond dst.
func (d Document) AppendJSON(dst []byte) []byte {
	text := d.Data.Text()
	meta, ok := d.Data.Root().Field(MetadataName)
	if !ok {
		dst = append(dst, text[:len(text)-1]...)
		if len(text) > len("{}") {
			dst = append(dst, ',')
		}
		dst = append(dst, `"@metadata":`...)
		dst = d.appendMetadata(dst, meta)
		return append(dst, '}')
	}
	start, end := meta.Span()
	dst = append(dst, text[:start]...)
	dst = d.appendMetadata(dst, meta)
	return append(dst, text[end:]...)
}

// AppendMetadataOnly appends the document as AppendJSON would, if metadata were all there is in it.
func (d Document) AppendMetadataOnly(dst []byte) []byte {
	meta, _ := d.Data.Root().Field(MetadataName)
	dst = append(dst, `{"@metadata":`...)
	dst = d.appendMetadata(dst, meta)
	return append(dst, '}')
}

// appendMetadata appends the object that holds own, the client's metadata (null: none), and the server's.
func (d Document) appendMetadata(dst []byte, own jsondoc.Value) []byte {
	dst = append(dst, '{')
	if own.Len() > 0 {
		raw := own.Raw()
		dst = append(dst, raw[1:len(raw)-1]...)
		dst = append(dst, ',')
	}
	if d.Collection == EmptyCollection {
		if _, given := own.Field(CollectionName); !given {
			dst = append(dst, `"@collection":"@empty",`...)
		}
	}
	dst = d.Extensions.append(dst)
	dst = append(dst, `"@change-vector":"`...)
	dst = append(dst, d.ChangeVector...) // letters, digits and signs that JSON takes as they are
	if d.Flags != 0 {
		dst = append(dst, `","@flags":"`...)
		dst = d.Flags.Append(dst)
	}
	dst = append(dst, `","@id":`...)
	dst = jsondoc.AppendString(dst, d.ID)
	dst = append(dst, `,"@last-modified":"`...)
	dst = AppendTime(dst, d.LastModified)
	return append(dst, `"}`...)
}
