# One file of an article; Znuny itself gives all files of all articles of a ticket at once.
package Kernel::GenericInterface::Operation::Deskferry::FileGet;

use strict;
use warnings;

use MIME::Base64 qw(encode_base64);

use parent 'Kernel::GenericInterface::Operation::Deskferry::Common';

our $ObjectManagerDisabled = 1;

sub Perform {
    my ( $Self, $DeskferryObject, $Data, $UserID ) = @_;
    my $File = $DeskferryObject->FileGet(
        ArticleID => $Data->{ArticleID} // '',
        FileID    => $Data->{FileID} // '',
        MaxBytes  => int( $Data->{MaxBytes} || 0 ),
    );
    return if !$File;
    return { TooLarge => 1 } if $File->{TooLarge};
    return { File => { ContentType => $File->{ContentType}, Content => encode_base64( $File->{Content}, '' ) } };
}

1;
